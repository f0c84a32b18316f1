"""Short messages as people write them under videos, written for these tests: what an encoding must be told by."""


def _lines(block):
    return block.strip().split("\n")


SIMPLIFIED = _lines("""
看到最后真的哭了
这集太好看了吧
终于等到更新啦
谁懂啊，眼泪止不住
祖国强大了，它们一定会回家的
小玉壶快回家
导演太会拍了
前方高能预警
笑死我了哈哈哈哈
求求你们快点出第三集
从头哭到尾，后劲太大
我在外地工作，特别想家
这段音乐一响就绷不住
支持国货，支持原创
博主辛苦了，早点休息
有没有人觉得她很像我妈
第一次来，留个脚印
愿山河无恙，国泰民安
把老百姓的心都拍进去了
一个人在宿舍看哭成狗
这个演员眼神里全是戏
弹幕护体，我不怕
今天也是想念奶奶的一天
希望所有流失的文物都能回来
别说了，我已经在流泪了
抱抱你，都会好起来的
三连了，值得
请问背景音乐叫什么名字
破防了家人们
原来历史离我们这么近
讲得真清楚，学到了
太短了，根本不够看
""")

TRADITIONAL = _lines("""
看到最後真的哭了
這集也太好看了吧
終於等到更新
誰懂，眼淚停不下來
希望它們都能回家
導演真的很會拍
笑死我了哈哈哈
拜託快點出第三集
從頭哭到尾，後勁好強
我在外地工作，特別想家
這段音樂一出來就忍不住
支持原創，加油
辛苦了，早點休息喔
有沒有人覺得她很像我媽媽
第一次留言，大家好
願世界和平
把小人物的心情都拍出來了
一個人在宿舍看到哭
這個演員的眼神都是戲
台灣人路過，推一個
今天也很想念阿嬤
希望所有流失的文物都能回來
別說了，我已經在流淚
抱抱你，一切都會變好的
值得分享給朋友
請問背景音樂叫什麼名字
原來歷史離我們這麼近
講得很清楚，學到很多
太短了，根本不夠看
好感動喔，謝謝你們
每個人都應該看一次
香港人都喊到標眼淚
""")

JAPANESE = _lines("""
最後まで見て泣いた
この曲ほんとに好き
続きが楽しみです
涙が止まらない
早くおうちに帰れますように
監督すごいな
ここ鳥肌立った
笑いすぎてお腹痛い
次回も待ってます
何回見ても泣ける
田舎の母に会いたくなった
この音楽を聞くと懐かしい
うぽつです
今日も一日お疲れさまでした
初めて見たけど面白い
世界が平和でありますように
ひとりで見ていて号泣した
この役者さんの目がいい
おばあちゃんを思い出した
みんな無事に帰れるといいね
もう言わないで、泣いてるから
大丈夫、きっとよくなるよ
友達にも見せたい
この曲の名前を教えてください
歴史ってこんなに近いんだ
わかりやすい説明でした
短すぎる、もっと見たい
ありがとう、元気が出た
神回すぎる
ゲームの実況から来ました
コメント欄がやさしい世界
コーヒー飲みながら見てる
""")

KOREAN = _lines("""
마지막까지 보고 울었어요
이 노래 정말 좋아요
다음 편 빨리 보고 싶다
눈물이 멈추지 않네요
감독님 진짜 대단하다
한국에서 보고 있습니다
할머니가 생각나요
오늘도 수고했어요
친구들에게도 보여 주고 싶어요
이 음악 제목이 뭐예요
역사가 이렇게 가까운 줄 몰랐다
너무 짧아요 더 보고 싶어요
""")

LATIN = _lines("""
J'ai pleuré jusqu'à la fin, c'était très beau
Quelle émotion, merci à toute l'équipe
Das war so schön, ich hätte gern mehr davon
Ich vermisse meine Großmutter, danke für das Video
Qué bonita historia, me hizo llorar mucho
Mañana lo veo otra vez con mi mamá
Não consigo parar de chorar, que história linda
Så fint, jag började gråta på slutet
Che bella città, però il finale è troppo breve
I can’t stop crying… “home” at last
Una canción preciosa, ¿cómo se llama?
Le musée devrait rendre ce qu'il a volé
""")
