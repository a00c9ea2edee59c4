/**
 * Media types and the endings of their files: the data of the package mime, as `npm run docs` writes it.
 *
 * Layer: message. RFC 6838, and the IANA registry of media types.
 */

/**
 * Words with white space between, one for each type, in order: how many characters are those of the type before (one digit, base 36),
 * the rest of the type, and its endings, where these are more than the subtype: `0type/subtype:ending,ending`.
 */
export const MEDIA_TYPE_TABLE: string = `
0application/andrew-inset:ez dppinstaller flixware:aw fx gbundle dtom+xml:atom gcat+xml:atomcat gdeleted+xml:atomdeleted
gsvc+xml:atomsvc esc-dwd+xml:dwd hheld+xml:held hrsat+xml:rsat dutomationml-aml+xml:aml sx+zip:amlx cbdoc ccalendar+xml:xcs
dcxml+xml:ccxml ddfx+xml:cdfx emi-capability:cdmia iontainer:cdmic hdomain:cdmid hobject:cdmio hqueue:cdmiq dpl+xml:cpl
du-seeme:cu dwl cdash+xml:mpd g-patch+xml:mpp evmount+xml:davmount dicom:dcm docbook+xml:dbk dssc+der:dssc hxml:xdssc
cecmascript:ecma dmma+xml:emma eotionml+xml:emotionml dpub+zip:epub dxi epress:exp cfdf et+xml:fdt dont-tdpfr:pfr
cgeo+json:geojson dml+xml:gml dpx+xml:gpx dxf dzip:gz chjson dyperstudio:stk cinkml+xml:ink,inkml dpfix dts+xml:its
cjava-archive:ear,jar,war hserialized-object:ser hvm:class dson:json,map g5 gml+json:jsonml cld+json:jsonld dgr+xml:lgr
dost+xml:lostxml cmac-binhex40:hqx gcompactpro:cpt eds+xml:mads enifest+json:webmanifest erc:mrc gxml+xml:mrcx
ethematica:ma,mb,nb gml+xml:mathml dbox dedia-policy-dataset+xml:mpf hservercontrol+xml:mscml etalink+xml:metalink
k4+xml:meta4 fs+xml:mets dmt-aei+xml:maei gusd+xml:musd dods+xml:mods dp21:m21,mp21 e4:m4p,mp4s dsix gbundle eword:doc,dot
dxf cn-quads:nq etriples:nt dode:cjs
coctet-stream:bin,bpk,buffer,deb,deploy,dist,distz,dll,dmg,dms,dump,elc,exe,img,iso,lrf,mar,msi,msm,msp,pkg,so dda
debps-package+xml:opf dgg:ogx dmdoc+xml:omdoc dnenote:one,onea,onepkg,onetmp,onetoc,onetoc2 dxps cp2p-overlay+xml:relo
datch-ops-error+xml:xer ddf dgp-encrypted:pgp gkeys:asc gsignature:sig dics-rules:prf dkcs10:p10 g7-mime:p7c,p7m
isignature:p7s g8:p8 eix-attr-cert:ac hcert:cer irl:crl hpkipath:pkipath gcmp:pki dls+xml:pls dostscript:ai,eps,ps
drovenance+xml:provx es.cww:cww gxsf+xml:xsf dskc+xml:pskcxml craml+yaml:raml ddf+xml:owl,rdf deginfo+xml:rif
elax-ng-compact-syntax:rnc esource-lists+xml:rl q-diff+xml:rld dls-services+xml:rs doute-apd+xml:rapd is-tsid+xml:sls
iusd+xml:rusd dpki-ghostbusters:gbr hmanifest:mft hroa:roa dsd+xml:rsd es+xml:rss dtf csbml+xml:sbml dcvp-cv-request:scq
msponse:scs hvp-request:spq msponse:spp ddp denml+xml:senmlx fsml+xml:sensmlx et-payment-initiation:setpay
gregistration-initiation:setreg dhf+xml:shf dieve:sieve,siv dmil+xml:smi,smil dparql-query:rq jresults+xml:srx dql drgs:gram
g+xml:grxml eu+xml:sru dsdl+xml:ssdl eml+xml:ssml dwid+xml:swidtag ctei+xml:tei,teicorpus dhraud+xml:tfi
dimestamped-data:tsd doml drig dtml+xml:ttml cubjson:ubj drc-ressheet+xml:rsheet gtargetdesc+xml:td
cvnd.1000minds.decision-model+xml:1km g3gpp.pic-bw-large:plb ssmall:psb svar:pvb k2.tcap:tcap hm.post-it-notes:pwn
gaccpac.simply.aso:aso uimp:imp iucobol:acu lrp:acutc,atc hdobe.air-application-installer-package+zip:air
mformscentral.fcdt:fcdt nxp:fxp,fxpl mxdp+xml:xdp hge:age hhead.space:ahead hirzip.filesecure.azf:azf zzs:azs
hmazon.ebook:azw iericandynamics.acc:acc iiga.ami:ami hndroid.package-archive:apk iser-web-certificate-issue-initiation:cii
qfunds-transfer-initiation:fti itix.game-component:atx hpple.installer+xml:mpkg mkeynote:key mmpegurl:m3u8 mnumbers:numbers
mpages:pages nkpass:pkpass hristanetworks.swi:swi hstraea-software.iota:iota hudiograph:aep itodesk.fbx:fbx
gbalsamiq.bmml+xml:bmml hlueice.multipass:mpm hmi:bmi husinessobjects:rep gchemdraw+xml:cdxml iipnuts.karaoke-mmd:mmd
hinderella:cdy itationstyles.style+xml:csl hlaymore:cla ioanto.rp9:rp9 jnk.c4group:c4d,c4f,c4g,c4p,c4u
iuetrust.cartomobile-config:c11amc zle-config-pkg:c11amz hommonspace:csp intact.cmsg:cdbcmsg ismocaller:cmc
hrick.clicker:clkx t.keyboard:clkk upalette:clkp utemplate:clkt uwordbank:clkw jticaltools.wbs+xml:wbs htc-posml:pml
hups-ppd:ppd irl.car:car lpcurl:pcurl gdart:dart ita-vision.rdz:rdz hbf:dbf hcmp+xml:dcmp hece.data:uvd,uvf,uvvd,uvvf
lttml+xml:uvt,uvvt lunspecified:uvvx,uvx lzip:uvvz,uvz inovo.fcselayout-link:fe_launch hna:dna holby.mlp:mlp hpgraph:dpg
hreamfactory:dfac hs-keypoint:kpxx hvb.ait:ait kservice:svc hynageo:geo gecowin.chart:mag hnliven:nml hpson.esf:esf mmsf:msf
mquickanime:qam msalt:slt nsf:ssf hszigno3+xml:es3,et3 hzpix-album:ez2 mpackage:ez3 gfdsn.mseed:mseed lseed:dataless,seed
hlographit:gph iuxtime.clip:ftc hramemaker:book,fm,frame,maker iogans.fnc:fnc oltf:ltf hsc.weblaunch:fsc hujitsu.oasys:oas
t2:oa2 t3:oa3 tgp:fg5 tprs:bh2 kxerox.ddd:ddd rocuworks:xdw z.binder:xbd izzysheet:fzs ggenomatix.tuxedo:txd
iogebra.file:ggb pslides:ggs ptool:ggt jmetry-explorer:gex,gre jnext:gxt jplan:g2w jspace:g3w hmx:gmx
hoogle-apps.document:gdoc trawing:gdraw sform:gform sjam:gjam smap:gmap spresentation:gslides sscript:gscript tite:gsite
tpreadsheet:gsheet nearth.kml+xml:kml vz:kmz iv.sk.xmldatacontainer+xml:xdcf hrafeq:gqf,gqs ioove-account:gac nhelp:ghf
nidentity-message:gim onjector:grv ntool-message:gtm stemplate:tpl nvcard:vcg ghal+xml:hal indheld-entertainment+xml:zmm
hbci:hbci hhe.lesson-player:les hp-hpgl:hpgl lid:hpid ls:hps jjlyt:jlt jpcl:pcl mxl:pclxl hydrostatix.sof-data:sfd-hdstx
gibm.minipay:mpy lodcap:afp,list3820,listafp krights-management:irm ksecure-container:sc hccprofile:icc,icm hgloader:igl
hmmervision-ivp:ivp uu:ivu hnsors.igm:igm itercon.formnet:xpw,xpx lgeo:i2g ju.qbo:qbo mfx:qfx
hpunplugged.rcprofile:rcprofile hrepository.package+xml:irp hs-xpr:xpr iac.fcs:fcs gjam:jam hcp.javame.midlet-rms:rms
hisp:jisp hoost.joda-archive:joda gkahootz:ktr,ktz hde.karbon:karbon lchart:chrt lformula:kfo livio:flw lontour:kon
lpresenter:kpr,kpt lspread:ksp lword:kwd,kwt henameaapp:htke hidspiration:kia inar:kne,knp hoan:skd,skm,skp,skt
idak-descriptor:sse glas.las+xml:lasxml hlamagraphics.life-balance.desktop:lbd zbalance.exchange+xml:lbe hotus-1-2-3:123
mapproach:apr mfreelance:pre mnotes:nsf morganizer:org mscreencam:scm mwordpro:lwp gmacports.portpkg:portpkg
ipbox-vector-tile:mvt hcd:mcd hedcalcdata:mc1 jiastation.cdkey:cdkey hfer:mwf imp:mfm hicrografx.flo:flo rigx:igx if:mif
hobius.daf:daf ois:dis nmbk:mbk oqy:mqy osl:msl nplc:plc ntxf:txf iphun.application:mpn ncertificate:mpc izilla.xul+xml:xul
hs-artgalry:cil jcab-compressed:cab jexcel:xla,xlc,xlm,xls,xlt,xlw o.addin.macroenabled.12:xlam
psheet.binary.macroenabled.12:xlsb vmacroenabled.12:xlsm ptemplate.macroenabled.12:xltm jfontobject:eot jhtmlhelp:chm
jims:ims jlrm:lrm jofficetheme:thmx kutlook:msg jpki.seccat:cat kowerpoint:pot,pps,ppt t.addin.macroenabled.12:ppam
upresentation.macroenabled.12:pptm uslide.macroenabled.12:sldm zshow.macroenabled.12:ppsm utemplate.macroenabled.12:potm
kroject:mpt jvisio.viewer:vdx jword.document.macroenabled.12:docm otemplate.macroenabled.12:dotm mks:wcm,wdb,wks,wps kpl:wpl
jxpsdocument:xps ieq:mseq husician:mus ivee.style:msty hynfc:taglet gnato.bindingdataobject+xml:bdo heurolanguage.nlu:nlu
hitf:nitf,ntf hoblenet-directory:nnd psealer:nns pweb:nnw ikia.n-gage.data:ngdat tsymbian.install:n-gage mradio-preset:rpst
ys:rpss ivadigm.edm:edm rx:edx qxt:ext goasis.opendocument.chart:odc zchart-template:otc zdatabase:odb zformula:odf
zformula-template:odft zgraphics:odg zgraphics-template:otg zimage:odi zimage-template:oti zpresentation:odp
zpresentation-template:otp zspreadsheet:ods zspreadsheet-template:ots ztext:odt ztext-master:odm ztext-template:ott
ztext-web:oth hlpc-sugar:xo hma.dd2+xml:dd2 hpenblox.game+xml:obgx kofficeorg.extension:oxt kstreetmap.data+xml:osm
kxmlformats-officedocument.presentationml.presentation:pptx zcedocument.presentationml.slide:sldx
zcedocument.presentationml.slideshow:ppsx zcedocument.presentationml.template:potx zcedocument.spreadsheetml.sheet:xlsx
zcedocument.spreadsheetml.template:xltx zcedocument.wordprocessingml.document:docx
zcedocument.wordprocessingml.template:dotx hsgeo.mapguide.package:mgp ji.dp:dp lsubsystem:esa gpalm:oprc,pdb,pqa
iwaafile:paw hg.format:str josasli:ei6 hicsel:efif hmi.widget:wg hocketlearn:plf iwerbuilder6:pbd hreviewsystems.box:box
iocrate.brushset:brushset leate.brush:brush qdream:drm jteus.magazine:mgz hublishare-delta-tree:qps hvi.ptid1:ptid
hwg-xhtml-print+xml:xhtm gquark.quarkxpress:qwd,qwt,qxb,qxd,qxl,qxt grar:rar healvnc.bed:bed icordare.musicxml:mxl
y+xml:musicxml hig.cryptonote:cryptonote im.cod:cod hn-realmedia:rm s-vbr:rmvb houte66.link66+xml:link66
gsailingtracker.track:st heemail:see ima:sema jd:semd jf:semf hhana.informed.formdata:ifm ztemplate:itp vinterchange:iif
vpackage:ipk himtech-mindmapper:twd,twds hmaf:mmf jrt.teacher:teacher hoftware602.filler.form+xml:fo
ilent.sdkm+xml:sdkd,sdkm hpotfire.dxp:dxp psfs:sfs htardivision.calc:sdc tdraw:sda timpress:sdd tmath:smf twriter:sdw,vor
z-global:sgl iepmania.package:smzip qstepchart:sm hun.wadl+xml:wadl kxml.calc:sxc s.template:stc odraw:sxd s.template:std
oimpress:sxi v.template:sti omath:sxm owriter:sxw u.global:sxg vtemplate:stw is-calendar:sus,susp hvd:svd
hymbian.install:sis,sisx incml+xml:xsm m.dm+wbxml:bdm qxml:xdm pddf+xml:ddf gtao.intent-module-archive:tao
hcpdump.pcap:cap,dmp,pcap hmobile-livetv:tmo hrid.tpt:tpt jscape.mxs:mxs iueapp:tra gufdl:ufd,ufdl hiq.theme:utz hmajin:umj
hnity:unityweb homl+xml:uo,uoml gvcx:vcx hisio:vsd,vsdx,vss,vst,vsw,vtx lnary:vis hsf:vsf gwap.wbxml:wbxml lmlc:wmlc
nscriptc:wmlsc hebturbo:wtb holfram.player:nbp irdperfect:wpd hqd:wqd ht.stf:stf gxara:xar hfdl:xfdl gyamaha.hv-dic:hvd
qscript:hvs qvoice:hvp nopenscoreformat:osf zmat.osfpvg+xml:osfpvg nsmaf-audio:saf sphrase:spf hellowriver-custom-menu:cmp
gzul:zir,zirz hzazz.deck+xml:zaz doicexml+xml:vxml cwasm etcherinfo+xml:wif didget:wgt enhlp:hlp dsdl+xml:wsdl
epolicy+xml:wspolicy cx-7z-compressed:7z eabiword:abw fce-compressed:ace frj:arj futhorware-bin:aab,u32,vox,x32 pmap:aam
pseg:aas ebcpio:bcpio fittorrent:torrent flender:blend gorb:blb,blorb fzip:bz i2:boz,bz2 ecbr:cb7,cba,cbr,cbt,cbz fdlink:vcd
ffs-compressed:cfs fhat:chat gess-pgn:pgn grome-extension:crx focoa:cco gnference:nsc fpio:cpio fsh:csh edebian-package:udeb
fgc-compressed:dgc firector:cct,cst,cxt,dcr,dir,dxr,fgd,swa,w3d foom:wad ftbncx+xml:ncx hook+xml:dtb hresource+xml:res
fvi:dvi eenvoy:evy fva:eva efont-bdf:bdf jghostscript:gsf jlinux-psf:psf jpcf:pcf jsnf:snf jtype1:afm,pfa,pfb,pfm
freearc:arc futuresplash:spl egca-compressed:gca flulx:ulx fnumeric:gnumeric framps-xml:gramps ftar:gtar ehdf:hdf
fttpd-php:php einstall-instructions:install fpynb+json:ipynb ejava-archive-diff:jardiff jjnlp-file:jnlp ekeepass2:kdbx
elatex:latex fua-bytecode:luac fzh-compressed:lha,lzh emakeself:run fie:mie fobipocket-ebook:mobi fs-application:application
hshortcut:lnk hwmd:wmd jz:wmz hxbap:xbap gaccess:mdb gbinder:obd gcardfile:crd hlip:clp gdownload:bat,com
gmediaview:m13,m14,mvb itafile:emz honey:mny gpublisher:pub gschedule:scd gterminal:trm gwrite:wri enetcdf:cdf,nc
fs-proxy-autoconfig:pac fzb:nzb eperl:pl,pm fkcs12:p12,pfx i7-certificates:p7b,spc oreqresp:p7r eredhat-package-manager:rpm
gsearch-info-systems:ris esea:sea fh:sh gar:shar gockwave-flash:swf filverlight-app:xap ftuffit:sit lx:sitx fubrip:srt
fv4cpio:sv4cpio irc:sv4crc et3vm-image:t3 fads:gam gr:tar fcl:tcl,tk fex:tex h-tfm:tfm hinfo:texi,texinfo eustar:ustar
evirtualbox-hdd:hdd pova:ova rf:ovf pvbox:vbox t-extpack:vbox-extpack qdi:vdi qhd:vhd qmdk:vmdk ewais-source:src
feb-app-manifest+json:webapp ex509-ca-cert:crt,der,pem ffig:fig fpinstall:xpi fz:xz ezmachine:z1,z2,z3,z4,z5,z6,z7,z8
daml+xml:xaml dcap-att+xml:xav hcaps+xml:xca hdiff+xml:xdf hel+xml:xel hns+xml:xns denc+xml:xenc dfdf dhtml+xml:xht,xhtml
dliff+xml:xlf dml:rng,xml,xsd,xsl f-dtd:dtd dop+xml:xop dproc+xml:xpl dslt+xml:xslt epf+xml:xspf dv+xml:mxml,xhvml,xvm,xvml
cyang din+xml:yin czip f+dotlottie:lottie 1udio/aac:aac,adts 7dpcm:adp 7mr 6basic:au,snd 6midi:kar,mid,midi,rmi
7obile-xmf:mxmf 7p4:m4a,m4b,mp4a 8eg:m2a,m3a,mp2,mp2a,mp3,mpga 6ogg:oga,ogg,opus,spx 6s3m 7ilk:sil 6vnd.dece.audio:uva,uvva
bigital-winds:eol bra:dra bts:dts d.hd:dtshd alucent.voice:lvp ams-playready.media.pya:pya anuera.ecelp4800:ecelp4800
l7470:ecelp7470 l9600:ecelp9600 arip:rip 6wav 7ebm:weba 6x-aiff:aif,aifc,aiff 8caf:caf 8flac:flac 8matroska:mka 9pegurl:m3u
9s-wax:wax cma:wma 8pn-realaudio:ra,ram k-plugin:rmp 7m 0chemical/x-cdx:cdx cif:cif cmdf:cmdf dl:cml csml:csml bxyz:xyz
0font/collection:ttc 5otf 5ttf 5woff 92 0image/aces:exr 7png 7vci 9s 8if 6bmp:bmp,dib 6cgm 6dicom-rle:drle 7px 6emf 6fits
6g3fax:g3 7if 6heic a-sequence:heics 9f a-sequence:heifs 8j2k:hej2 6ief 6jaii 9s 7ls 7p2:jp2,jpg2 8eg:jpe,jpeg,jpg 8h 9c:jhc
8m:jpgm,jpm 8x:jpf,jpx 7xl 8r 9a 9s 8s 9c 9i 9s 6ktx 92 6pjpeg:jfif 7ng 7rs.btif:btf,btif apti:pti 6sgi 7vg+xml:svg,svgz
6t38 7iff:tif,tiff a-fx:tfx 6vnd.adobe.photoshop:psd birzip.accelerator.azv:azv ablockfact.facti:facti
adece.graphic:uvg,uvi,uvvg,uvvi bjvu:djv,djvu bwg:dwg bxf:dxf afastbidsheet:fbs bpx:fpx bst:fst bujixerox.edmics-mmr:mmr
rrlc:rlc amicrosoft.icon:ico bs-dds:dds dmodi:mdi dphoto:wdp anet-fpx:npx apco.b16:b16 atencent.tap:tap
avalve.source.texture:vtf awap.wbmp:wbmp axiff:xif azbrush.pcx:pcx 6webp 7mf 6x-3ds:3ds 8adobe-dng:dng 8cmu-raster:ras
ax:cmx 8freehand:fh,fh4,fh5,fh7,fhc 8jng:jng 8mrsid-image:sid 8pict:pct,pic 9ortable-anymap:pnm hbitmap:pbm hgraymap:pgm
hpixmap:ppm 8rgb:rgb 8tga:tga 8xbitmap:xbm 9pixmap:xpm 9windowdump:xwd 0message/disposition-notification 8global:u8msg
e-delivery-status:u8dsn gisposition-notification:u8mdn fheaders:u8hdr 8rfc822:eml,mht,mhtml,mime 8vnd.wfa.wsc:wsc 1odel/3mf
6gltf+json:gltf a-binary:glb 6iges:iges,igs 6jt 6mesh:mesh,msh,silo 7tl 6obj 6prc 6step:210,p21,step,stp,stpnc a+xml:stpx
bzip:stpz a-xml+zip:stpxz 8l 6u3d 6vnd.bary:bary acld:cld bollada+xml:dae adwf:dwf agdl:gdl btw:gtw aopengex:ogex
aparasolid.transmit.binary:x_b ttext:x_t bytha.pyox:pyo,pyox asap.vds:vds ausda:usda dz+zip:usdz
avalve.source.compiled-map:bsp btu:vtu 7rml:vrml,wrl 6x3d+binary:x3dbz afastinfoset:x3db avrml:x3dvz axml:x3d,x3dz
9-vrml:x3dv 0text/cache-manifest:appcache,manifest 7lendar:ics,ifb 6offeescript:coffee,litcoffee 6ss 7v 5html:htm,html,shtml
5jade 7vascript:js,mjs 6sx 5less 5markdown:markdown,md 7thml:mml 6dx 5n3 5plain:conf,def,in,ini,list,log,text,txt
6rs.lines.tag:dsc 5richtext:rtx 5sgml:sgm,sgml 6hex 6lim:slim,slm 6pdx 6tylus:styl,stylus 5tab-separated-values:tsv
6roff:man,me,ms,roff,t,tr 6urtle:ttl 5uri-list:uri,uris,urls 5vcard 6nd.curl:curl d.dcurl:dcurl emcurl:mcurl escurl:scurl
9dvb.subtitle:sub 9familysearch.gedcom:ged aly:fly ami.flexstor:flx 9graphviz:gv 9in3d.3dml:3dml espot:spot
9sun.j2me.app-descriptor:jad 9wap.wml:wml gscript:wmls 6tt 5wgsl 5x-asm:asm,s 7c:c,cc,cpp,cxx,dic,h,hh 8omponent:htc
7fortran:f,f77,f90,for 7handlebars-template:hbs 7java-source:java 7lua:lua 7markdown:mkd 7nfo:nfo 7opml:opml 7pascal:p,pas
8rocessing:pde 7sass:sass 8css:scss 8etext:etx 8fv:sfv 8use-ymp:ymp 7uuencode:uu 7vcalendar:vcs ard:vcf 5yaml:yaml,yml
0video/3gpp:3gp,3gpp a2:3g2 6h261 93 94 6iso.segment:m4s 6jpeg:jpgv 6mj2:mj2,mjp2 7p2t:m2t,m2ts,mts,ts 84:mp4,mp4v,mpg4
8eg:m1v,m2v,mpe,mpeg,mpg 6ogg:ogv 6quicktime:mov,qt 6vnd.dece.hd:uvh,uvvh fmobile:uvm,uvvm fpd:uvp,uvvp fsd:uvs,uvvs
fvideo:uvv,uvvv bvb.file:dvb afvt:fvt ampegurl:m4u,mxu bs-playready.media.pyv:pyv auvvu.mp4:uvu,uvvu avivo:viv 6webm
6x-f4v:f4v 9li:fli av:flv 8m4v:m4v 9atroska:mk3d,mks,mkv 9ng:mng 9s-asf:asf,asx bvob:vob bwm:wm dv:wmv dx:wmx cvx:wvx
avideo:avi 8sgi-movie:movie 9mv:smv 0x-conference/x-cooltalk:ice
`;
